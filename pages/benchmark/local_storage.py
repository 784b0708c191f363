"""Which runs this browser has made: kept in the browser, so that the server needn't know who is who."""

from __future__ import annotations

import streamlit as st

from pages.state.benchmark import BenchmarkState

MOST = 30
_SCRIPT = """
export default function ({ data, setStateValue }) {
  const place = "segmethods-runs";
  let known = [];
  try { known = JSON.parse(localStorage.getItem(place) || "[]"); } catch (error) { /* a browser without memory */ }
  const runs = [...new Set([...data.runs, ...known])].filter(run => !data.deleted.includes(run)).slice(0, data.most);
  try { localStorage.setItem(place, JSON.stringify(runs)); } catch (error) { /* likewise */ }
  if (JSON.stringify(runs) !== JSON.stringify(data.runs)) setStateValue("runs", runs);
}
"""
_memory = st.components.v2.component("segmethods_benchmark_runs", html="<div hidden></div>", js=_SCRIPT)


def remember_runs(chosen: BenchmarkState) -> None:
    """Bring the visitor's runs and what the browser remembers of them together."""

    def take_runs() -> None:
        found = st.session_state["benchmark.memory"]["runs"] or []
        chosen.runs = [run for run in found if isinstance(run, str) and run not in chosen.deleted][:MOST]

    data = {"runs": chosen.runs, "deleted": sorted(chosen.deleted), "most": MOST}
    _memory(key="benchmark.memory", data=data, default={"runs": []}, height="content", on_runs_change=take_runs)
