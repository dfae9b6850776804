use super::*;

#[test]
fn the_fastest_probe_is_quiet_and_one_of_half_the_speed_is_not() {
    for cores in [Cores::Caller, Cores::All] {
        let probe = Probe::new(cores);
        assert!(probe.least > 0.0 && probe.is_quiet(probe.least) && !probe.is_quiet(2.0 * probe.least));
    }
}
