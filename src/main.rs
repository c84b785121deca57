//! The program: reads what is asked, does it, and says in French what went wrong.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::process::ExitCode;

use compte_partenaire::cli::{self, Answer, Command, Import, Traces, Verify};
use compte_partenaire::config::{Config, ConfigFault, Foundation, environment};
use compte_partenaire::db::Patience;
use compte_partenaire::telemetry::LogSettings;
use compte_partenaire::{demo, doctor, operate, serve};
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let command = match cli::read(std::env::args_os()) {
        Ok(command) => command,
        Err(Answer::Asked(text)) => return say(&mut io::stdout(), &text, ExitCode::SUCCESS),
        Err(Answer::Wrong(text)) => return say(&mut io::stderr(), &text, ExitCode::from(2)),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say(&mut io::stderr(), &error.to_string(), ExitCode::FAILURE),
    };
    match runtime.block_on(run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => say(&mut io::stderr(), &text, ExitCode::FAILURE),
    }
}

fn say(to: &mut impl Write, text: &str, code: ExitCode) -> ExitCode {
    // Where nobody listens any more there is nothing left to say.
    let _ = writeln!(to, "{}", text.trim_end());
    code
}

/// Does what is asked; what went wrong is already worded.
async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Serve => {
            let config = Config::read(environment()).map_err(|faults| listed(&faults))?;
            log(&config.foundation.log)?;
            for missing in config.missing_mentions() {
                tracing::warn!(setting = missing, "a legal mention is not set");
            }
            let store = serve::open(&config.foundation, Patience::Page).await.map_err(worded)?;
            let surroundings = serve::configured(&config, &store).map_err(worded)?;
            let app = serve::join(&store, surroundings).map_err(worded)?;
            let doors = serve::doors(&config).await.map_err(worded)?;
            let address = doors.people.local_addr().map_err(worded)?;
            let watchers =
                doors.watchers.as_ref().map(TcpListener::local_addr).transpose().map_err(worded)?;
            let figures = watchers.map_or_else(String::new, |address| address.to_string());
            tracing::info!(%address, tls = doors.tls.is_some(), %figures, "serving");
            serve::serve(app, doors).await.map_err(worded)
        }
        Command::Demo(asked) => demo::run(&asked, &mut io::stdout()).await.map_err(worded),
        Command::Migrate => {
            let foundation = foundation()?;
            serve::prepare(&foundation).await.map_err(worded)?;
            tell("La base de données est au niveau de ce programme.")
        }
        Command::Doctor => doctor::run(Config::read(environment()), &mut io::stdout()).await,
        Command::Init(asked) => {
            let foundation = foundation()?;
            serve::prepare(&foundation).await.map_err(worded)?;
            let store = serve::open(&foundation, Patience::Command).await.map_err(worded)?;
            let told = operate::init(&store, &asked).await?;
            tell(&told)
        }
        Command::Staff(asked) => {
            let store = serve::open(&foundation()?, Patience::Command).await.map_err(worded)?;
            let told = operate::staff(&store, &asked).await?;
            tell(&told)
        }
        Command::Traces(Traces::Verify(Verify { proof: Some(proof), keys: Some(keys), .. })) => {
            tell(&operate::log::verify_proof(&proof, &keys)?)
        }
        Command::Traces(Traces::Verify(Verify {
            export: Some(export),
            keys: Some(keys),
            checkpoints,
            sink,
            ..
        })) => tell(&operate::log::verify_export(&export, &keys, &checkpoints, sink.as_deref()).await?),
        Command::Traces(Traces::Verify(Verify { sink: Some(sink), keys: Some(keys), .. })) => {
            tell(&operate::log::verify_copy(&sink, &keys).await?)
        }
        Command::Traces(Traces::Export(asked)) => {
            let store = serve::open(&foundation()?, Patience::Command).await.map_err(worded)?;
            tell(&operate::log::export(&store, &asked).await?)
        }
        Command::Traces(Traces::Verify(asked)) => {
            let store = serve::open(&foundation()?, Patience::Command).await.map_err(worded)?;
            tell(&operate::log::verify(&store, &asked).await?)
        }
        Command::Traces(Traces::OpenLog(asked)) => {
            let foundation = foundation()?;
            let witness = serve::witness(&foundation).map_err(worded)?;
            let store = serve::open(&foundation, Patience::Command).await.map_err(worded)?;
            tell(&operate::log::open_log(&store, witness.as_ref(), &asked).await?)
        }
        Command::Import(Import::Files(asked)) => {
            let file = || {
                File::open(&asked.file)
                    .map(BufReader::new)
                    .map_err(|error| format!("{} : {error}", asked.file.display()))
            };
            let store = serve::open(&foundation()?, Patience::Command).await.map_err(worded)?;
            let told =
                operate::import_files(&store, &asked.organism, file()?, file()?, &mut io::stdout()).await?;
            tell(&told)
        }
    }
}

fn foundation() -> Result<Foundation, String> {
    let foundation = Foundation::read(environment()).map_err(|faults| listed(&faults))?;
    log(&foundation.log)?;
    Ok(foundation)
}

fn log(settings: &LogSettings) -> Result<(), String> {
    settings.install().map_err(worded)
}

fn listed(faults: &[ConfigFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("- {fault}")).collect();
    format!("La configuration ne convient pas :\n{}", lines.join("\n"))
}

fn worded(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn tell(text: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{}", text.trim_end()).map_err(worded)
}
