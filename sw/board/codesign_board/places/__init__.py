"""The places that come with the driver."""
