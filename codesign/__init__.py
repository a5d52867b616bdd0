"""The toolchain a user calls."""
