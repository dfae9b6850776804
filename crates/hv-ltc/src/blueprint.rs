//! What a network is built from: its structure, without its parameters.

use crate::activation::Activation;
use crate::cell::{Cell, Core};
use crate::cfc::{Cfc, Mode, Sizes};
use crate::layout::Layout;
use crate::linear::Linear;
use crate::lstm::Lstm;
use crate::ltc::{Ltc, LtcOptions};
use crate::plain::Plain;
use crate::wired::Wired;
use crate::wiring::Wiring;

/// The sizes of a CfC that is not wired, for [`Network::cfc`](crate::Network::cfc).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CfcSizes {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of units, which are the outputs, too.
    pub units: usize,
    /// How the next state is made.
    pub mode: Mode,
    /// Number of layers of the backbone; 0 for none.
    pub backbone_layers: usize,
    /// Number of units in each layer of the backbone.
    pub backbone_units: usize,
    /// What follows each layer of the backbone.
    pub activation: Activation,
}

/// The structure of a network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blueprint {
    pub(crate) core: CorePlan,
    pub(crate) mixed_memory: bool,
    /// Number of outputs of the linear map after the cell, where there is one.
    pub(crate) projection: Option<usize>,
}

/// What a core is built from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CorePlan {
    Ltc(Wiring, LtcOptions),
    Cfc(CfcSizes),
    Wired(Wiring, Mode),
    Plain(Wiring),
}

impl Blueprint {
    pub(crate) fn new(core: CorePlan) -> Self {
        Self { core, mixed_memory: false, projection: None }
    }

    /// The cell, and where it has its parameters: the core's, those of mixed memory, and those of the projection.
    pub(crate) fn build(&self) -> (Cell, Layout) {
        let mut layout = Layout::default();
        let core = self.core.build(&mut layout);
        let memory = self.mixed_memory.then(|| Lstm::new(&mut layout, core.inputs(), core.state_len()));
        let projection =
            self.projection.map(|outputs| Linear::new(&mut layout, "fc", [outputs, core.outputs()], None, true));
        (Cell { core, memory, projection }, layout)
    }
}

impl CorePlan {
    fn build(&self, layout: &mut Layout) -> Core {
        match self {
            Self::Ltc(wiring, options) => Core::Ltc(Ltc::new(layout, wiring, *options)),
            Self::Cfc(sizes) => {
                let CfcSizes { inputs, units, mode, backbone_layers, backbone_units, activation } = *sizes;
                let sizes = Sizes { inputs, units, backbone: (backbone_layers, backbone_units) };
                Core::Cfc(Cfc::new(layout, "", &sizes, (mode, activation), None))
            }
            Self::Wired(wiring, mode) => Core::Wired(Wired::new(layout, wiring, *mode)),
            Self::Plain(wiring) => Core::Plain(Plain::new(layout, wiring)),
        }
    }

    pub(crate) fn wiring(&self) -> Option<&Wiring> {
        match self {
            Self::Ltc(wiring, _) | Self::Wired(wiring, _) | Self::Plain(wiring) => Some(wiring),
            Self::Cfc(_) => None,
        }
    }
}
