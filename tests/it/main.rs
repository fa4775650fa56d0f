//! The integration tests: the real binary, the real wire, one fake upstream. One binary, so that
//! the harness is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and a harness reads clocks and the environment"
)]

mod support;

mod accounts;
mod admin_api;
mod admin_identity;
mod admin_openapi;
mod admin_remote;
mod admin_sdk;
mod alerts;
mod bad_input;
mod bad_store;
mod canary;
mod cancelled;
mod clamped;
mod clients_agents;
mod clients_limited;
mod clients_sdk;
mod compressed;
mod connections;
mod crash;
mod deadlines;
mod delegation;
mod demo;
mod denials;
mod disk_full;
mod doctor;
mod exactness;
mod failures;
mod flipped_bits;
mod floods;
mod formats;
mod forward;
mod framing;
mod generated;
mod held_ratio;
mod http2;
mod http2_tricks;
mod http2_upstream;
mod install;
mod keep;
mod layers;
mod lifecycle;
mod limits;
mod listener_tls;
mod log;
mod log_evidence;
mod master_caps;
mod metered;
mod metered_cli;
mod metered_crash;
mod metered_limits;
mod metrics;
mod metrics_documents;
mod metrics_listener;
mod oidc;
mod other_apis;
mod overload;
mod pauses;
mod process_secrecy;
mod proxy_protocol;
mod quickstart;
mod recipes;
mod recorded;
mod redirects_and_names;
mod rollback;
mod run_clients;
mod run_environment;
mod run_limits;
mod run_print_env;
mod run_process;
mod run_secrecy;
mod run_store;
mod run_summary;
mod run_terminal;
mod scrubbing;
mod side_by_side;
mod smuggling;
mod soak;
mod spikes;
mod stopped_writer;
mod tls;
mod trailers;
mod unmetered;
mod unmetered_spellings;
mod upstream_faults;
mod upstream_faults_http2;
mod upstream_faults_tls;
mod upstream_floods;
mod upstream_proxy;
mod usage;
mod usage_year;
mod watch;
