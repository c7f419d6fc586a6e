//! `kit graph` and `kit why`: what an image by default is made of, and who pulled it in.

use std::path::Path;
use std::process::{Command, Output};

fn kit(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kit"));
    command.current_dir(root).args(arguments).env("KIT_ROOT", root).env_remove("CARGO_TARGET_DIR");
    command.output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = kit(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_micro_library_of_an_image_is_reached_from_the_app() {
    for platform in ["kvm", "linux"] {
        let graph: serde_json::Value =
            serde_json::from_str(&printed(&["graph", "--platform", platform, "--format", "json"])).unwrap();
        let edges = graph["edges"].as_array().unwrap();
        let nodes = graph["nodes"].as_array().unwrap();
        assert!(nodes.len() > 6, "{graph}");
        let mut reached = vec![&nodes[0]["name"]];
        let mut index = 0;
        while index < reached.len() {
            let from = reached[index];
            for edge in edges.iter().filter(|edge| edge["from"] == *from) {
                if !reached.contains(&&edge["to"]) {
                    reached.push(&edge["to"]);
                }
            }
            index += 1;
        }
        for node in nodes {
            assert!(reached.contains(&&node["name"]), "nothing needs {node} on {platform}");
        }
    }
}

#[test]
fn the_formats_name_the_same_boxes_and_arrows() {
    let json: serde_json::Value = serde_json::from_str(&printed(&["graph", "--format", "json"])).unwrap();
    let (nodes, edges) = (json["nodes"].as_array().unwrap().len(), json["edges"].as_array().unwrap().len());
    let count = |text: &str, what: &str| text.matches(what).count();
    let mermaid = printed(&["graph"]);
    assert_eq!((count(&mermaid, "[\""), count(&mermaid, "-->")), (nodes, edges), "{mermaid}");
    let dot = printed(&["graph", "--format", "dot"]);
    assert_eq!((count(&dot, " [label") - count(&dot, "->"), count(&dot, "->")), (nodes, edges), "{dot}");
    let svg = printed(&["graph", "--format", "svg"]);
    assert_eq!((count(&svg, "<rect x="), count(&svg, "marker-end")), (nodes, edges), "{svg}");
    assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
}

#[test]
fn why_tells_the_way_or_what_is_in_it() {
    let text = printed(&["why", "NETDEV_VIRTIO"]);
    assert!(
        text.starts_with("NETDEV_VIRTIO (libs/netdev-virtio) is in an image by default on kvm"),
        "{text}"
    );
    assert!(text.contains("chosen by  the default of \u{201c}Network device\u{201d}\n"), "{text}");
    assert!(
        text.contains(
            "way        (an app) \u{2192} POSIX_SHIM \u{2192} NET_SMOLTCP \u{2192} NETDEV_VIRTIO\n"
        ),
        "{text}"
    );
    assert!(text.contains("NET_SMOLTCP needs NETDEV_VIRTIO for netdev\n"), "{text}");
    assert_eq!(
        printed(&["why", "alloc-buddy"]),
        "ALLOC_BUDDY (libs/alloc-buddy) is not in an image by default on kvm: nothing chooses it; `kit add \
         ALLOC_BUDDY` does\n"
    );
    assert_eq!(
        printed(&["why", "ENTROPY_HOST"]),
        "ENTROPY_HOST (libs/entropy-host) is not in an image by default on kvm: needs HAS_HOST_KERNEL (is n) \
         \u{2014} set [image] platform = \"linux\"\n"
    );
    let unknown = kit(&["why", "NETDEV_VIRTOI"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("did you mean `NETDEV_VIRTIO`?"), "{said}");
}
