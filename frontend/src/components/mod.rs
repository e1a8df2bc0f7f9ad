//! The parts that rooms are made of.

pub mod compared;
pub mod copy;
pub mod editor;
pub mod expression;
pub mod files;
pub mod header;
pub mod icon;
pub mod listing;
pub mod mutations;
pub mod namespace;
pub mod notice;
pub mod object;
pub mod output;
pub mod palette;
pub mod pod_security;
pub mod policies;
pub mod request;
pub mod row;
pub mod sentence;
pub mod share;
pub mod splitter;
pub mod tabs;
pub mod verdict;
