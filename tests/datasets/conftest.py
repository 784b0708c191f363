"""The small data sets of the benchmark's tests serve here as well."""

from tests.benchmark.conftest import plain  # noqa: F401 - a fixture
