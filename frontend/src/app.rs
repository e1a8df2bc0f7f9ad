//! The page's frame: routes, header, and what all rooms share.

use yew::prelude::*;
use yew_router::prelude::*;

use crate::components::header::Header;
use crate::evaluator::Evaluator;
use crate::pages::{
    bundle::BundlePage, bundles::BundlesPage, home::Home, missing::Missing, shared::SharedPage,
};

/// The rooms.
#[derive(Clone, Debug, PartialEq, Routable)]
pub enum Route {
    /// The playground, or the example that the fragment holds.
    #[at("/")]
    Home,
    /// The catalogue.
    #[at("/bundles")]
    Bundles,
    /// A bundle's versions.
    #[at("/bundles/:name")]
    Bundle {
        /// The bundle's name.
        name: String,
    },
    /// One version of a bundle.
    #[at("/bundles/:name/:version")]
    Version {
        /// The bundle's name.
        name: String,
        /// Its version.
        version: String,
    },
    /// An example that the service keeps.
    #[at("/x/:id")]
    Shared {
        /// Its address in the store.
        id: String,
    },
    /// Anything else.
    #[not_found]
    #[at("/404")]
    Missing,
}

/// Puts the program in the place of the static shell.
pub fn mount() {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        yew::Renderer::<App>::with_root(root).render();
    }
}

#[component]
fn App() -> Html {
    let evaluator = use_state(Evaluator::default);
    html! {
        <ContextProvider<Evaluator> context={(*evaluator).clone()}>
            <BrowserRouter>
                <Switch<Route> render={room} />
            </BrowserRouter>
        </ContextProvider<Evaluator>>
    }
}

fn room(route: Route) -> Html {
    match route {
        Route::Home => html! { <Home /> },
        Route::Shared { id } => html! { <SharedPage id={Some(id)} /> },
        Route::Bundles => document(html! { <BundlesPage /> }),
        Route::Bundle { name } => document(html! { <BundlePage {name} /> }),
        Route::Version { name, version } => {
            document(html! { <BundlePage {name} version={Some(version)} /> })
        }
        Route::Missing => document(html! { <Missing /> }),
    }
}

fn document(content: Html) -> Html {
    html! {
        <>
            <Header />
            { content }
        </>
    }
}
