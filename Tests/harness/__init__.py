"""What tests in Python start and stop: a private PostgreSQL, a coordinator, stubs made from Protos/."""
