//! Black-box tests: the real binary, a real browser, real third-party clients.
