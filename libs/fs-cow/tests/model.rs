//! Random operations against a model, with remounts in between: the trees are the same, and the disk is consistent.

mod common;

use common::{CutDisk, Model, Random, Step, Workload, mount, seed, tree_of};
use kit_fs_cow::check::check;
use kit_iface_block::Disk;
use kit_iface_fs::FileSystem;

common::bind!();

#[test]
fn behaves_as_its_model() {
    let mut random = Random::new(seed(1));
    for round in 0..6 {
        let disk = CutDisk::leak(8 << 10);
        let mut model = Model::default();
        for mounted in 0..5 {
            let fs = mount(disk);
            assert!(tree_of(&fs) == model.tree(), "round {round}, mount {mounted}");
            let mut workload = Workload::new(&fs, model, 200_000);
            for operation in 0..250 {
                if let Step::Failed(error) = workload.step(&mut random) {
                    panic!("round {round}, mount {mounted}, operation {operation}: {error:?}");
                }
                workload.check_unnamed(&mut random);
            }
            assert!(tree_of(&fs) == workload.model.tree(), "round {round}, mount {mounted}");
            fs.sync(&fs.root().expect("a root")).expect("a disk that works");
            model = workload.model;
            check(disk, Disk(0)).expect("a consistent disk");
        }
    }
}
