//! What tokio-cron-scheduler does, and why it is only the bell. Each fact that the schedule leans on is pinned here, so
//! that an upgrade that changes one is noticed. Not pinned, for they need a clock that is set or a server: that the tick
//! after a `shutdown` may still come, that one slot can fire twice (it is a race), and that the PostgreSQL store claims no
//! rows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Europe::Copenhagen;
use sundhedskort::{clock::Clock, night::bell::Bell};
use tokio::time::sleep;
use tokio_cron_scheduler::{Job, JobScheduler, job::job_data::JobStoredData};

const EVERY_SECOND: &str = "* * * * * *";

async fn scheduler(job: Job) -> JobScheduler {
    let scheduler = JobScheduler::new().await.expect("a scheduler");
    scheduler.add(job).await.expect("a job is added");
    scheduler.start().await.expect("it starts");
    scheduler
}

fn stored(schedule: &str) -> JobStoredData {
    let mut job = Job::new_tz(schedule, Copenhagen, |_, _| {}).expect("a job");
    job.job_data().expect("its data")
}

fn utc(instant: &str) -> DateTime<Utc> {
    instant.parse().expect("an instant")
}

#[test]
fn a_time_zone_becomes_the_offset_of_the_day_the_job_was_made() {
    let data = stored("0 0 2 * * *");
    let now = Clock::System.now();
    let today = Copenhagen.offset_from_utc_datetime(&now.naive_utc()).fix();
    assert_eq!(data.time_offset_seconds, today.local_minus_utc(), "and nothing else of the zone is kept");
    // The tick counts on with that offset: past the next change of the clock 02:00 is another hour on the wall.
    let half_a_year = now + TimeDelta::days(182);
    let next = data.schedule().expect("a schedule").iter_after(half_a_year.with_timezone(&today)).next();
    assert_ne!(next.expect("a next tick").with_timezone(&Copenhagen).hour(), 2);
}

/// The first ticks of a schedule after an instant, in Copenhagen's own time; shown in UTC.
fn ticks(schedule: &str, after: &str, count: usize) -> Vec<String> {
    let schedule = stored(schedule).schedule().expect("a schedule");
    let after = utc(after).with_timezone(&Copenhagen);
    schedule.iter_after(after).take(count).map(|tick| tick.to_utc().format("%F %H:%M").to_string()).collect()
}

#[test]
fn croner_fires_the_hour_before_the_spring_gap_twice() {
    let twice = ["2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 23:30"];
    assert_eq!(ticks("0 30 1 * * *", "2026-03-28T12:00:00Z", 3), twice, "01:30 and again at 03:00");
}

#[test]
fn croner_returns_past_times_inside_the_autumn_hour() {
    assert_eq!(ticks("0 30 2 * * *", "2026-10-25T01:05:00Z", 1), ["2026-10-25 00:30"]);
}

#[tokio::test]
async fn nothing_prevents_overlap() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (working, seen) = (now.clone(), most.clone());
    let job = Job::new_async(EVERY_SECOND, move |_, _| {
        let (working, seen) = (working.clone(), seen.clone());
        Box::pin(async move {
            seen.fetch_max(working.fetch_add(1, SeqCst) + 1, SeqCst);
            sleep(Duration::from_secs(5)).await;
            working.fetch_sub(1, SeqCst);
        })
    });
    let _scheduler = scheduler(job.expect("a job")).await;
    sleep(Duration::from_secs(4)).await;
    assert!(most.load(SeqCst) > 1);
}

#[tokio::test]
async fn what_is_missed_is_lost() {
    let strokes = Arc::new(AtomicUsize::new(0));
    let counted = strokes.clone();
    let _scheduler = scheduler(
        Job::new(EVERY_SECOND, move |_, _| {
            counted.fetch_add(1, SeqCst);
        })
        .expect("a job"),
    )
    .await;
    sleep(Duration::from_millis(100)).await;
    std::thread::sleep(Duration::from_secs(5));
    sleep(Duration::from_millis(900)).await;
    assert!(strokes.load(SeqCst) <= 2, "{} of five seconds", strokes.load(SeqCst));
}

#[tokio::test]
async fn a_repeated_job_dies_of_one_long_delay() {
    let strokes = Arc::new(AtomicUsize::new(0));
    let counted = strokes.clone();
    let every_second = Duration::from_secs(1);
    let job = Job::new_repeated(every_second, move |_, _| {
        counted.fetch_add(1, SeqCst);
    })
    .expect("a job");
    let _scheduler = scheduler(job).await;
    sleep(Duration::from_millis(2_600)).await;
    std::thread::sleep(Duration::from_secs(4));
    sleep(Duration::from_secs(1)).await;
    let before = strokes.load(SeqCst);
    sleep(Duration::from_secs(4)).await;
    assert!(before > 0);
    assert_eq!(strokes.load(SeqCst), before);
}

#[tokio::test]
async fn a_panic_in_a_body_silences_the_job_without_a_word() {
    let strokes = Arc::new(AtomicUsize::new(0));
    let counted = strokes.clone();
    let job = Job::new(EVERY_SECOND, move |_, _| {
        counted.fetch_add(1, SeqCst);
        panic!("on purpose");
    });
    let _scheduler = scheduler(job.expect("a job")).await;
    sleep(Duration::from_secs(4)).await;
    assert_eq!(strokes.load(SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_an_async_body_is_reported_as_done() {
    let done = Arc::new(AtomicUsize::new(0));
    let counted = done.clone();
    let job = Job::new_async(EVERY_SECOND, |_, _| Box::pin(async { panic!("on purpose") }));
    let mut job = job.expect("a job");
    let scheduler = scheduler(job.clone()).await;
    let note = move |_, _, _| {
        let counted = counted.clone();
        Box::pin(async move {
            {
                counted.fetch_add(1, SeqCst);
            }
        }) as _
    };
    job.on_done_notification_add(&scheduler, Box::new(note)).await.expect("a notification");
    sleep(Duration::from_secs(4)).await;
    assert!(done.load(SeqCst) > 0);
}

#[tokio::test]
async fn shutdown_awaits_nothing() {
    let (begun, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (first, last) = (begun.clone(), ended.clone());
    let job = Job::new_async(EVERY_SECOND, move |_, _| {
        let (first, last) = (first.clone(), last.clone());
        Box::pin(async move {
            first.fetch_add(1, SeqCst);
            sleep(Duration::from_mins(1)).await;
            last.fetch_add(1, SeqCst);
        })
    });
    let mut scheduler = scheduler(job.expect("a job")).await;
    sleep(Duration::from_secs(3)).await;
    scheduler.shutdown().await.expect("it shuts down");
    assert!(begun.load(SeqCst) > 0);
    assert_eq!(ended.load(SeqCst), 0);
}

#[tokio::test]
async fn a_stopped_job_goes_on() {
    let strokes = Arc::new(AtomicUsize::new(0));
    let counted = strokes.clone();
    let mut job = Job::new(EVERY_SECOND, move |_, _| {
        counted.fetch_add(1, SeqCst);
    })
    .expect("a job");
    let _scheduler = scheduler(job.clone()).await;
    let _ = job.set_stop(true);
    sleep(Duration::from_secs(3)).await;
    assert!(strokes.load(SeqCst) > 0);
}

#[tokio::test]
async fn a_clock_that_was_ahead_leaves_the_job_waiting() {
    let strokes = Arc::new(AtomicUsize::new(0));
    let counted = strokes.clone();
    let job = Job::new(EVERY_SECOND, move |_, _| {
        counted.fetch_add(1, SeqCst);
    })
    .expect("a job");
    let (id, scheduler) = (job.guid(), scheduler(job).await);
    sleep(Duration::from_millis(2_200)).await;
    // As a tick leaves it on a machine whose clock is a year ahead.
    let next_year = Clock::System.now() + TimeDelta::days(365);
    let next = Some(next_year + TimeDelta::seconds(1));
    let mut kept = scheduler.context.metadata_storage.write().await;
    kept.set_next_and_last_tick(id, next, Some(next_year)).await.expect("it is kept");
    drop(kept);
    sleep(Duration::from_millis(700)).await;
    let before = strokes.load(SeqCst);
    sleep(Duration::from_secs(3)).await;
    assert!(before > 0);
    assert_eq!(strokes.load(SeqCst), before);
}

#[tokio::test]
async fn our_bell_rings_at_the_full_minute() {
    let mut bell = Bell::hang().await.expect("it hangs");
    let to_the_minute = 60 - u64::from(Clock::System.now().second());
    let heard = tokio::time::timeout(Duration::from_secs(to_the_minute + 3), bell.heard()).await;
    heard.expect("it rings in time").expect("it rings");
    assert!(Clock::System.now().second() < 3);
}
