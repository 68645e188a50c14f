//! What may happen to a server: killed in the middle, a disk that is full, a file that is not what it should
//! be, a port that is taken. Each fault is made for real, against the real binary.

mod faults {
    mod crash;
    #[cfg(feature = "faults")]
    mod disk;
    mod history;
    mod realm;
    mod running;
    mod server;
    mod start;
    #[cfg(feature = "faults")]
    mod sync;
    #[cfg(feature = "faults")]
    mod trace;
    mod wire;
}
