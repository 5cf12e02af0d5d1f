//! Who stands at the desk: the name that a desk write leaves in the ledger.

use std::ffi::OsString;

use thiserror::Error;

/// Nobody can be named, so nothing is written (exit 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoOperator {
    /// The login is not known to the system.
    #[error("name the operator: neither SUDO_USER nor the login of this process says who it is")]
    Unknown,
    /// The name could not stand in the ledger.
    #[error("name the operator: the login is not plain text")]
    NotPlain,
}

/// The operator of this process (page 4.1): `SUDO_USER`, else the login of the real uid.
pub fn operator() -> Result<String, NoOperator> {
    operator_from(std::env::var_os("SUDO_USER"), uzers::get_current_username)
}

/// The person behind `sudo` before the account they borrowed.
fn operator_from(sudo_user: Option<OsString>, login: impl FnOnce() -> Option<OsString>) -> Result<String, NoOperator> {
    let name = sudo_user.filter(|name| !name.is_empty()).or_else(login).ok_or(NoOperator::Unknown)?;
    let name = name.into_string().map_err(|_| NoOperator::NotPlain)?;
    let is_plain = !name.is_empty() && !name.contains(|sign: char| sign.is_whitespace() || sign.is_control());
    is_plain.then_some(name).ok_or(NoOperator::NotPlain)
}

/// The unit that started this process, for runs that nobody at a terminal began: systemd gives each service a control
/// group of its name, while people work in scopes.
pub(super) fn unit() -> Option<String> {
    unit_from(&std::fs::read_to_string("/proc/self/cgroup").ok()?)
}

fn unit_from(groups: &str) -> Option<String> {
    let last = |line: &str| line.rsplit('/').next().filter(|name| name.ends_with(".service")).map(str::to_owned);
    groups.lines().find_map(last)
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn named(sudo_user: Option<&str>, login: Option<&str>) -> Result<String, NoOperator> {
        operator_from(sudo_user.map(OsString::from), || login.map(OsString::from))
    }

    #[test]
    fn the_person_behind_sudo_comes_before_the_login() {
        assert_eq!(named(Some("anna"), Some("sundhedskort")), Ok("anna".to_owned()));
        assert_eq!(named(None, Some("bo")), Ok("bo".to_owned()));
        assert_eq!(named(Some(""), Some("bo")), Ok("bo".to_owned()));
    }

    #[test]
    fn a_service_is_a_unit_and_a_login_is_none() {
        let night = "0::/system.slice/system-sundhedskort\\x2djob.slice/sundhedskort-job@night.service\n";
        assert_eq!(unit_from(night).as_deref(), Some("sundhedskort-job@night.service"));
        assert_eq!(unit_from("0::/user.slice/user-1000.slice/session-3.scope\n"), None);
        assert_eq!(unit_from("0::/\n"), None);
    }

    #[test]
    fn nobody_is_nobody() {
        assert_eq!(named(None, None), Err(NoOperator::Unknown));
        assert_eq!(named(Some(""), None), Err(NoOperator::Unknown));
        assert_eq!(named(None, Some("")), Err(NoOperator::NotPlain));
    }

    #[test]
    fn a_name_that_would_garble_the_ledger_is_no_name() {
        for name in ["anna\nbo", "anna bo", "an\u{7}na"] {
            assert_eq!(named(Some(name), Some("bo")), Err(NoOperator::NotPlain), "{name:?}");
        }
        let bytes = OsString::from_vec(vec![0xff, 0xfe]);
        assert_eq!(operator_from(Some(bytes), || None), Err(NoOperator::NotPlain));
    }

    #[test]
    fn the_login_is_not_asked_for_when_sudo_has_said_it() {
        let name = operator_from(Some("anna".into()), || unreachable!("the login was asked for"));
        assert_eq!(name, Ok("anna".to_owned()));
    }
}
