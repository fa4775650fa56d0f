//! The CI systems that have a command of their own, and what its flags mean as claims.

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// What it is called: `till admin trust NAME`.
    pub name: &'static str,
    /// The issuer of the public service. Where somebody runs it for themselves it has its own URL.
    pub issuer: &'static str,
    /// Its flags, those that are required first.
    pub flags: &'static [Flag],
}

/// A flag that names a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The flag, without its dashes.
    pub name: &'static str,
    /// The claim that must have the flag's value.
    pub claim: &'static str,
    /// Whether a trust must say it: it is what tells one's own jobs from anybody's.
    pub required: bool,
    /// What its value is.
    pub meaning: &'static str,
}

impl Kind {
    /// The flag of a name.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }
}

const fn required(name: &'static str, claim: &'static str, meaning: &'static str) -> Flag {
    Flag { name, claim, required: true, meaning }
}

const fn optional(name: &'static str, claim: &'static str, meaning: &'static str) -> Flag {
    Flag { name, claim, required: false, meaning }
}

/// GitHub Actions.
pub const GITHUB: Kind = Kind {
    name: "github",
    issuer: "https://token.actions.githubusercontent.com",
    flags: &[
        required("repo", "repository", "the repository, as `owner/name`"),
        optional("ref", "ref", "the branch or tag, as `refs/heads/main`"),
        optional("environment", "environment", "the deployment environment of the job"),
        optional("workflow", "job_workflow_ref", "the workflow, as `owner/name/PATH@REF`"),
        optional("event", "event_name", "what started the workflow, as `push`"),
        // A name can be taken by somebody else once it is given up; a number cannot.
        optional("owner-id", "repository_owner_id", "the number of the repository's owner"),
    ],
};

/// GitLab CI.
pub const GITLAB: Kind = Kind {
    name: "gitlab",
    issuer: "https://gitlab.com",
    flags: &[
        required("project", "project_path", "the project, as `group/name`"),
        optional("ref", "ref", "the branch or tag, as `main`"),
        optional("ref-type", "ref_type", "`branch` or `tag`"),
        optional("ref-protected", "ref_protected", "`true` for protected branches and tags alone"),
        optional("environment", "environment", "the deployment environment of the job"),
        optional("namespace-id", "namespace_id", "the number of the project's group"),
    ],
};

/// All of them.
pub const KINDS: [Kind; 2] = [GITHUB, GITLAB];

#[cfg(test)]
mod tests {
    use super::super::issuer::Issuer;
    use super::*;

    #[test]
    fn the_table_is_whole() {
        for kind in KINDS {
            assert!(Issuer::new(kind.issuer, false).is_ok(), "{}", kind.name);
            assert!(kind.flags[0].required, "{}: anybody's jobs", kind.name);
            for flag in kind.flags {
                assert_eq!(kind.flag(flag.name), Some(flag), "{} is there twice", flag.name);
                assert!(!flag.claim.contains(['-', '.']) && !flag.meaning.is_empty());
            }
        }
        assert_eq!(GITHUB.flag("project"), None);
    }
}
