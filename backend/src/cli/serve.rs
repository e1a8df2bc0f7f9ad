//! `vapwright serve`: the page and the API.

use std::future::{Future, IntoFuture as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;

use crate::cli::exit::{Exit, Failure};
use crate::cli::{Outcome, bundle, output};
use crate::server::{AppState, Settings, router};
use crate::store::{Published, Store};

/// How long requests that are under way may take once the service is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// The engine bounds its recursion for a browser's stack; a debug build's frames are larger.
const STACK: usize = 8 * 1024 * 1024;

/// Where, and from which store.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:8080", env = "VAPWRIGHT_LISTEN")]
    listen: SocketAddr,
    /// Where bundles and shared examples are kept: a folder, or the URL of an object store
    /// (s3://, gs://, az://, where built in)
    #[arg(long, default_value = "store", env = "VAPWRIGHT_STORE")]
    store: String,
    /// The manifest of a bundle to build and publish first; can be repeated
    #[arg(long, value_name = "MANIFEST")]
    publish: Vec<PathBuf>,
    /// The token that may publish over HTTP; nobody may where it is not set
    #[arg(long, env = "VAPWRIGHT_PUBLISH_TOKEN", hide_env_values = true)]
    publish_token: Option<String>,
    /// After how many seconds a request is given up
    #[arg(long, default_value_t = 30, env = "VAPWRIGHT_TIMEOUT")]
    timeout: u64,
}

/// Serves until it is told to stop.
pub fn run(arguments: &Arguments) -> Outcome {
    let mut bundles = Vec::new();
    for manifest in &arguments.publish {
        let Some(bundle) = bundle::build(manifest, None)? else {
            return Ok(Exit::BadInput);
        };
        bundles.push(bundle);
    }
    let store = Store::open(&arguments.store).map_err(Failure::other)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build()
        .map_err(Failure::other)?;
    let exit = runtime.block_on(async {
        for bundle in &bundles {
            let published = store.publish(bundle).await.map_err(Failure::other)?;
            let sentence = bundle::sentence(bundle, published);
            if published == Published::Conflict {
                // What is published keeps being served; that the manifest was changed without a
                // new version is for its author to see.
                tracing::warn!("{sentence}");
            } else {
                tracing::info!("{sentence}");
            }
        }
        let settings = Settings {
            publish_token: arguments.publish_token.clone(),
            timeout: Duration::from_secs(arguments.timeout.max(1)),
            ..Settings::default()
        };
        serve(arguments.listen, AppState::new(store, settings)).await
    });
    // Evaluations that are still under way hold up no stop.
    runtime.shutdown_background();
    exit
}

async fn serve(listen: SocketAddr, state: AppState) -> Outcome {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::other(format!("cannot listen on {listen}: {error}")))?;
    let address = listener.local_addr().map_err(Failure::other)?;
    output::print(&format!("vapwright serves http://{address}\n"))?;

    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let signal = stop_signal()?;
    tokio::spawn(async move {
        signal.await;
        tracing::info!("stopping: requests under way are finished");
        let _ = stop.send(true);
    });
    let mut told = stopped.clone();
    let server = axum::serve(listener, router(state))
        .with_graceful_shutdown(async move {
            let _ = told.wait_for(|stop| *stop).await;
        })
        .into_future();
    let deadline = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        outcome = server => outcome.map_err(Failure::other)?,
        () = deadline => tracing::warn!("stopping with requests under way"),
    }
    Ok(Exit::Done)
}

/// Done when the process is asked to stop.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::other)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::other)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
