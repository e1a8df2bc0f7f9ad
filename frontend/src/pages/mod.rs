//! The rooms.

pub mod bundle;
pub mod bundles;
pub mod home;
pub mod missing;
pub mod playground;
pub mod shared;
