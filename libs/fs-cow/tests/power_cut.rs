//! Power cuts: after each, the disk is consistent and holds the state of one moment, not before the last `sync`.

mod common;

use common::{CutDisk, Model, Random, Step, Workload, mount, seed, tree_of};
use kit_fs_cow::check::check;
use kit_iface_block::Disk;

common::bind!();

const CUTS: u64 = 3000;

#[test]
fn any_write_may_be_the_last() {
    let mut random = Random::new(seed(2));
    let disk = CutDisk::leak(2 << 10);
    let blank = disk.contents();
    let mut model = Model::default();
    let (mut operations, mut synced) = (0, 0);
    for cut in 0..CUTS {
        // Begin anew now and then, so that formatting is cut as well.
        if cut % 40 == 0 {
            disk.fill(&blank);
            model = Model::default();
        }
        disk.cut_after(random.below(if cut % 40 == 0 { 4 } else { 60 }));
        let fs = mount(disk);
        let mut workload = Workload::new(&fs, model, 60_000);
        while disk.has_power() {
            match workload.step(&mut random) {
                Step::Done => operations += 1,
                Step::Synced => synced += 1,
                Step::Failed(error) => assert!(!disk.has_power(), "cut {cut}: {error:?}"),
            }
        }
        let states = std::mem::take(&mut workload.states);
        drop(workload);
        drop(fs);
        disk.restore(&mut random);
        let report = check(disk, Disk(0));
        let fs = mount(disk);
        let tree = tree_of(&fs);
        // The disk may be blank still, if the first superblock was not stored.
        assert!(report.is_ok() || (cut % 40 == 0 && tree.is_empty()), "cut {cut}: {report:?}");
        let found = states.into_iter().find(|state| state.tree() == tree);
        model =
            found.unwrap_or_else(|| panic!("cut {cut}: the tree is that of no moment since the last sync"));
    }
    println!("{CUTS} cuts, {operations} operations, {synced} syncs");
    assert!(synced > CUTS / 2, "the cuts come too early to say anything");
}
