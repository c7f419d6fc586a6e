//! `kit run -v`: a folder of the host, seen from both sides.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use kit_tests::image::{Boot, boot};
use kit_tests::{kit, on_machines, scratch};

/// A folder that only this test has.
fn folder(name: &str) -> PathBuf {
    let folder = scratch().join("volumes").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the scratch folder is writable");
    folder
}

fn with_volume(boot: Boot, folder: &std::path::Path, options: &str) -> Boot {
    // The limit is for composing the image anew as well.
    let boot = boot.limit(Duration::from_secs(300));
    boot.options(["-v", &format!("{}:/srv/shared{options}", folder.display())])
}

on_machines!([Linux, Microvm, Q35] fn a_program_works_in_a_folder_of_the_host(machine) {
    let folder = folder(&format!("work-{}", machine.name()));
    // The program does in its temporary folder all that one does with files, and leaves nothing.
    let selfcheck = boot("tests/apps/selfcheck", machine).variable("TMPDIR", "/srv/shared");
    with_volume(selfcheck, &folder, "").run().expect_code(42);
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 0);
});

on_machines!([Linux, Microvm] fn what_is_only_to_be_read_is_not_written(machine) {
    let folder = folder(&format!("read-{}", machine.name()));
    let selfcheck = boot("tests/apps/selfcheck", machine).variable("TMPDIR", "/srv/shared");
    let finished = with_volume(selfcheck, &folder, ":ro").run().expect_code(101);
    assert!(finished.transcript().contains("Read-only file system"), "{}", finished.transcript());
    assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 0);
});

#[test]
fn a_wrong_volume_is_told() {
    let folder = folder("wrong");
    let file = folder.join("file");
    fs::write(&file, "text").expect("the scratch folder is writable");
    let said = |volume: &str| {
        let finished = kit::run(["run", "tests/apps/selfcheck", "-v", volume]).expect_code(2);
        finished.stderr.lines().last().unwrap_or_default().to_string()
    };
    assert_eq!(
        said("here"),
        "kit: volume `here`: write FOLDER:PATH or FOLDER:PATH:ro, such as ./site:/srv:ro"
    );
    let missing = folder.join("missing");
    assert_eq!(
        said(&format!("{}:/srv", missing.display())),
        format!("kit: volume {}: No such file or directory (os error 2)", missing.display())
    );
    assert_eq!(
        said(&format!("{}:/srv", file.display())),
        format!("kit: volume {}: it is a file; a volume is a folder", file.display())
    );
}
