"""Random masks without a clock: a busy machine is no failure, and every run draws the same ones."""

from hypothesis import HealthCheck, settings

settings.register_profile("scoring", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("scoring")
