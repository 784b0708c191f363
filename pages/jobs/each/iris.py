"""The page of the job `iris`."""

from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("iris")
