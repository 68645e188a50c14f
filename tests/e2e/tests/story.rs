//! The whole story, told to the real binary from outside: a login, a consent, a protected tool, and
//! everyone who is turned away.

mod story {
    mod agree;
    #[cfg(feature = "browser")]
    mod browser;
    #[cfg(feature = "clients")]
    mod clients;
    mod events;
    mod policies;
    mod refuse;
}
