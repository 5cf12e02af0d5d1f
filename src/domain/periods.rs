//! Every period a rule counts with, in one value: the settings fill it, the rules read it.

/// Periods and limits of the rules. `Default` is the office's practice as design page 1 states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    /// Days from registration to the first card (T1).
    pub card_after_days: u64,
    /// Months a returned card is kept (1.4); never below six.
    pub hold_months: u32,
    /// Days a citizen has at least after first being told of a hold (1.4).
    pub told_days: u64,
    /// Days a hold lasts at least after it became held again (1.4).
    pub held_again_days: u64,
    /// Days before removal by which the citizen must have been told (T12).
    pub told_before_removal_days: u64,
    /// Days without a report of failure after which an export counts as told (1.4).
    pub silence_days: u64,
    /// Days before `last_day` on which reminders go; longest first (2.3).
    pub reminder_days: [u64; 2],
    /// Mailings of one copy at most (T11).
    pub mailings: u8,
    /// Days after the fee decision by which it must be paid (1.6).
    pub lapse_days: u64,
    /// Days after lapse in which a payment reopens the request once (1.6).
    pub reopen_days: u64,
    /// Days from posting in which a claim that nothing arrived is free (1.6).
    pub never_arrived_days: u64,
    /// Months from marriage in which a new name is free (1.6).
    pub marriage_months: u32,
    /// Years after which a cracked card is replaced free (1.6).
    pub cracked_years: u32,
    /// Working days after which a silent producer is a finding (T7).
    pub producer_silent_days: u32,
    /// Below this age the guardian is written to (2.3).
    pub guardian_below_age: u32,
}

impl Default for Periods {
    fn default() -> Self {
        Self {
            card_after_days: 14,
            hold_months: 6,
            told_days: 30,
            held_again_days: 14,
            told_before_removal_days: 14,
            silence_days: 7,
            reminder_days: [30, 7],
            mailings: 2,
            lapse_days: 60,
            reopen_days: 30,
            never_arrived_days: 60,
            marriage_months: 3,
            cracked_years: 4,
            producer_silent_days: 5,
            guardian_below_age: 15,
        }
    }
}
