"""The page of the job `defects`."""

from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("defects")
