//! What handlers share: the store, the settings and the workers that evaluate.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use vapwright_engine::Session;

use crate::server::error::AppError;
use crate::store::Store;

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The token that may publish; nobody may where there is none.
    pub publish_token: Option<String>,
    /// After how long a request is given up.
    pub timeout: Duration,
    /// How many bytes a call may have.
    pub call_limit: usize,
    /// How many bytes a shared example may have.
    pub example_limit: usize,
    /// How many evaluations run at once.
    pub workers: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            publish_token: None,
            timeout: Duration::from_secs(30),
            call_limit: 10 * 1024 * 1024,
            example_limit: 512 * 1024,
            workers,
        }
    }
}

/// What handlers share.
#[derive(Clone, Debug)]
pub struct AppState {
    /// Bundles and shared examples.
    pub store: Store,
    /// What the operator set.
    pub settings: Arc<Settings>,
    workers: Arc<Semaphore>,
    /// Sessions that are not at work, with the policies they compiled.
    sessions: Arc<Mutex<Vec<Session>>>,
}

impl AppState {
    /// The state of a service.
    #[must_use]
    pub fn new(store: Store, settings: Settings) -> Self {
        Self {
            store,
            workers: Arc::new(Semaphore::new(settings.workers.max(1))),
            sessions: Arc::default(),
            settings: Arc::new(settings),
        }
    }

    /// Runs work of the engine beside the threads that answer requests. The permit goes with the
    /// work, not with the request: who hangs up does not make room for more.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let permit = Arc::clone(&self.workers).acquire_owned().await;
        let permit = permit.map_err(|_| AppError::Busy)?;
        let sessions = Arc::clone(&self.sessions);
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let taken = sessions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            let mut session = taken.unwrap_or_default();
            let answer = work(&mut session);
            // A session whose work panicked is lost with it, which is wanted.
            sessions
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(session);
            answer
        })
        .await
        .map_err(|error| AppError::Internal(Box::new(error)))
    }
}
