"""The kind of each test, which is its marker: ``unit``, ``process`` or ``browser``.

``browser`` needs a Chromium. ``process`` starts a process, a server, a worker or a page, trains, or takes
long. ``unit`` is the rest, the doctests included: ``make test-fast`` runs these.
"""

from __future__ import annotations

BROWSER = ("tests/browser",)
PROCESS = (
    "tests/benchmark/test_cluster.py",
    "tests/benchmark/test_command.py",
    "tests/benchmark/test_killed.py",
    "tests/benchmark/test_runs.py",
    "tests/classroom/test_verification.py",
    "tests/cli/test_process.py",
    "tests/execution",
    "tests/introspection/test_networks.py",
    "tests/io/test_annotations.py",
    "tests/io/test_fuzz.py",
    "tests/io/test_tiff.py::test_libtiff_does_not_write_to_the_terminal",
    "tests/io/test_video.py",
    "tests/jobs",
    "tests/methods/test_contract.py",
    "tests/methods/test_kmeans.py::test_the_number_of_threads_changes_nothing",
    "tests/methods/test_plugins.py::test_a_file_in_the_folder_of_methods_is_a_method",
    "tests/methods/test_plugins.py::test_the_order_of_the_list_does_not_depend_on_what_was_imported_first",
    "tests/lessons/test_ensemble.py",
    "tests/lessons/test_robustness.py",
    "tests/lessons/test_segmentation.py",
    "tests/metrics/test_second_opinions.py",
    "tests/models/architectures",
    "tests/models/runtime",
    "tests/models/weights/test_catalogue.py::test_looking_at_the_catalogue_loads_no_framework",
    "tests/models/weights/test_command.py::test_ctrl_c_leaves_no_half_file",
    "tests/models/weights/test_knowledge.py",
    "tests/pages/test_benchmark_page.py",
    "tests/pages/test_classroom_pages.py",
    "tests/pages/test_compare_page.py",
    "tests/pages/test_faults.py",
    "tests/pages/test_jobs_pages.py",
    "tests/pages/test_language.py",
    "tests/pages/test_learn.py",
    "tests/pages/test_models_page.py",
    "tests/pages/test_my_pictures.py",
    "tests/pages/test_navigation.py",
    "tests/pages/test_network_lessons.py",
    "tests/pages/test_serving.py::test_a_password_is_asked_for_once",
    "tests/reporting/test_findings.py",
    "tests/reporting/test_report.py::test_the_script_of_the_zip_says_what_to_install",
    "tests/test_adding.py",
    "tests/test_imports.py",
    "tests/test_make.py",
    "tests/test_readme.py",
    "tests/test_same_everywhere.py",
    "tests/test_wheel.py",
    "tests/training",
)
"""Folders, files and single tests."""
PROCESS_FIXTURES = frozenset({"pool"})


def kind_of(test: str, fixtures: frozenset[str] = frozenset()) -> str:
    """The kind of a test.

    Parameters
    ----------
    test : str
        Where it is, without its parameters.
    fixtures : frozenset of str
        The names of its fixtures.

    Examples
    --------
    >>> kind_of("tests/browser/test_compare.py::test_a"), kind_of("tests/core/test_types.py::test_a")
    ('browser', 'unit')
    >>> kind_of("tests/training/test_soup.py::test_a")
    'process'
    """
    if is_within(test, BROWSER):
        return "browser"
    return "process" if is_within(test, PROCESS) or fixtures & PROCESS_FIXTURES else "unit"


def is_within(test: str, places: tuple[str, ...]) -> bool:
    """Whether a test lies in one of the folders and files, or is one of the tests."""
    return any(test == place or test.startswith((f"{place}/", f"{place}::")) for place in places)
