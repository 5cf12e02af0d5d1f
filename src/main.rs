//! Arguments in, exit code out.

use std::process::ExitCode;

use sundhedskort::{cli, exit::Exit, logging, night::Stop};

fn main() -> ExitCode {
    logging::withhold_panics();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("failed to start: {error}");
            return Exit::Failed.into();
        }
    };
    runtime.block_on(cli::main(std::env::args_os().collect(), Stop::default())).into()
}
