"""The page of the job `surveillance`."""

from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("surveillance")
