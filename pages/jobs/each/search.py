"""The page of the job `search`."""

from pages.jobs.application import show_job

if __name__ == "__main__":
    show_job("search")
