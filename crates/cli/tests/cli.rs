//! The commands from outside: the real binary against servers of this process.

#[cfg(test)]
mod cli {
    #[path = "../../src/demo/mcp_server.rs"]
    pub(crate) mod mcp_server;

    pub(crate) mod authorization_server;
    pub(crate) mod program;
    pub(crate) mod resource_server;

    mod administration;
    mod code;
    mod hello;
    mod mcp;
    mod refusals;
    mod token;
}
