"""Pictures of representations: in the pages of the report, and by `deepmir plot`."""
