"""The page of the job `faces`."""

from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("faces")
