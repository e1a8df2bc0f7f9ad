//! An address that leads nowhere.

use yew::prelude::*;
use yew_router::prelude::*;

use crate::app::Route;

/// Says so, and leads back.
#[component]
pub fn Missing() -> Html {
    html! {
        <main class="document" id="main">
            <h1>{ "There is nothing here" }</h1>
            <p><Link<Route> to={Route::Home}>{ "To the playground" }</Link<Route>></p>
        </main>
    }
}
