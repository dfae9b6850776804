//! Liquid time-constant networks: small recurrent networks whose synapses are sparse and whose steps may be of any
//! length of time.
//!
//! A [`Wiring`] says which neurons are connected, and with which polarity:
//!
//! ```
//! use hv_ltc::Wiring;
//!
//! let wiring = Wiring::auto_ncp(4, 16, 3, 0.5, 7)?; // 4 inputs, 16 units, 3 of them outputs
//! assert_eq!(wiring.layers().len(), 3);             // inter, command, motor
//! println!("{wiring}");                             // as a table
//! assert!(wiring.svg().starts_with("<svg"));
//! # Ok::<(), hv_ltc::LtcError>(())
//! ```

mod error;
mod random;
mod wiring;

pub use error::LtcError;
pub use wiring::ncp::Ncp;
pub use wiring::{NeuronKind, Polarity, Synapse, Wiring};
