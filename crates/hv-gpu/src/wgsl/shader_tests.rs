//! The shaders as they are for other devices than those at hand.

use naga::back::{hlsl, msl, pipeline_constants};
use naga::front::wgsl;
use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::pipelines::{NAMES, TILES, source};

/// Translates a shader as wgpu does on Apple's systems and on Windows. Returns both texts.
fn translated(name: &str, subgroups: bool, tile: u32) -> [String; 2] {
    let text = source(name, subgroups);
    let module = wgsl::parse_str(&text).unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
    let capabilities = if subgroups { Capabilities::SUBGROUP } else { Capabilities::empty() };
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
    validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
    let info = validator.validate(&module).unwrap();
    let constants =
        if name == "scan" { [("TILE".to_owned(), tile.into())].into_iter().collect() } else { Default::default() };
    let (module, info) = pipeline_constants::process_overrides(&module, &info, None, &constants).unwrap();

    let options = msl::Options { lang_version: (2, 3), fake_missing_bindings: true, ..Default::default() };
    let (metal, _) = msl::write_string(&module, &info, &options, &Default::default()).unwrap();

    let mut text = String::new();
    let options = hlsl::Options { shader_model: hlsl::ShaderModel::V6_0, ..Default::default() };
    let pipeline = hlsl::PipelineOptions::default();
    hlsl::Writer::new(&mut text, &options, &pipeline).write(&module, &info, None).unwrap();
    [metal, text]
}

#[test]
fn every_shader_translates_to_metal_and_hlsl() {
    for subgroups in [false, true] {
        for name in NAMES {
            let tiles = if name == "scan" { &TILES[..] } else { &TILES[..1] };
            for &tile in tiles {
                let [metal, hlsl] = translated(name, subgroups, tile);
                assert!(metal.contains("kernel void"), "{metal}");
                assert!(hlsl.contains("numthreads("), "{hlsl}");
                let uses_subgroups = subgroups && name == "scan";
                assert_eq!(metal.contains("simd_sum"), uses_subgroups, "{metal}");
                assert_eq!(hlsl.contains("WaveActiveSum"), uses_subgroups, "{hlsl}");
            }
        }
    }
}
