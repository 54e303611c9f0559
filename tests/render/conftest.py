"""The folder is on the path: tests below it import `made`."""
