//! `recipes/`, each run as far as a machine allows that is no CI runner and starts no services.
//!
//! The scripts of the actions and of the GitLab jobs run in bash, with what those systems put into
//! the environment, against a real admin API, proxy and issuer of identities; make runs the
//! Makefile; the units' commands run as another user with a credential, under strace. What is not
//! tried here: the CI systems themselves, which alone evaluate all of their YAML; a service manager
//! that puts the units' sandbox up (systemd-analyze reads the units, and strace's list is held
//! against what they allow); and containers, whose commands run here without one.

mod agent;
mod ci_github;
mod ci_gitlab;
mod compose;
mod executable;
mod makefile;
mod named;
mod root;
mod sandbox;
mod script;
mod site;
mod units;
mod yaml;
