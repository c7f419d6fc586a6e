//! Booting: an app's output and exit code are those of the same program on Linux.

use kit_tests::image::boot;
use kit_tests::native::comparable;
use kit_tests::on_machines;

on_machines!([Linux, Microvm, Q35] fn hello_is_what_it_is_on_linux(machine) {
    let hello = boot("examples/hello", machine).arguments(["3", "two words", "quote\"s", ""]).variable("NAME", "Ada L.");
    let image = hello.run().expect_code(3);
    let native = hello.run_natively().expect_code(3);
    assert_eq!(comparable(&image.stdout), comparable(&native.stdout));
});

on_machines!([Linux, Microvm, Q35] fn the_exit_code_is_the_apps(machine) {
    for (argument, code) in [("0", 0), ("1", 1), ("255", 255)] {
        boot("examples/hello", machine).arguments([argument]).run().expect_code(code);
    }
});

on_machines!([Linux, Microvm, Q35] fn threads_are_what_they_are_on_linux(machine) {
    let threads = boot("examples/threads", machine);
    let image = threads.run().expect_code(0);
    assert_eq!(comparable(&image.stdout), comparable(&threads.run_natively().expect_code(0).stdout));
});

on_machines!([Linux, Microvm, Q35] fn hello_native_is_what_it_is_on_linux(machine) {
    let hello = boot("examples/hello-native", machine).arguments(["3"]);
    let image = hello.run().expect_code(3);
    assert_eq!(comparable(&image.stdout), comparable(&hello.run_natively().expect_code(3).stdout));
});
