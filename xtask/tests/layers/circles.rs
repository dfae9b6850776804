//! Circles among the imports of files.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::Import;

/// Circles, each as its imports in order. Every file that is part of a circle is in one of them.
pub fn circles(imports: &BTreeSet<Import>) -> Vec<Vec<Import>> {
    let mut by_file: BTreeMap<&str, Vec<&Import>> = BTreeMap::new();
    for import in imports {
        by_file.entry(&import.from).or_default().push(import);
    }
    let (mut circles, mut seen) = (Vec::new(), BTreeSet::new());
    for &file in by_file.keys() {
        if !seen.contains(file)
            && let Some(circle) = shortest_back(file, &by_file)
        {
            seen.extend(circle.iter().map(|import| import.from.as_str()));
            circles.push(circle.into_iter().cloned().collect());
        }
    }
    circles
}

/// The shortest way from a file back to itself.
fn shortest_back<'a>(start: &str, by_file: &BTreeMap<&str, Vec<&'a Import>>) -> Option<Vec<&'a Import>> {
    let mut came_by: BTreeMap<&str, &Import> = BTreeMap::new();
    let mut reached = vec![start];
    let mut next = 0;
    while let Some(&file) = reached.get(next) {
        for &import in by_file.get(file).into_iter().flatten() {
            if !came_by.contains_key(import.to.as_str()) {
                came_by.insert(&import.to, import);
                reached.push(&import.to);
            }
        }
        next += 1;
    }
    let mut way = vec![*came_by.get(start)?];
    while way[way.len() - 1].from != start {
        way.push(came_by[way[way.len() - 1].from.as_str()]);
    }
    way.reverse();
    Some(way)
}

/// A circle as a text: each import on a line.
pub fn describe(circle: &[Import]) -> String {
    let line =
        |import: &Import| format!("    {}:{} imports {} ({})\n", import.from, import.line, import.to, import.path);
    circle.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(edges: &[&str]) -> BTreeSet<Import> {
        let import = |edge: &&str| {
            let (from, to) = edge.split_once("->").unwrap();
            Import { from: from.into(), line: 1, path: String::new(), to: to.into() }
        };
        edges.iter().map(import).collect()
    }

    fn files(circles: &[Vec<Import>]) -> Vec<Vec<&str>> {
        circles.iter().map(|circle| circle.iter().map(|import| import.from.as_str()).collect()).collect()
    }

    #[test]
    fn a_tree_has_no_circle() {
        assert_eq!(circles(&imports(&["a->b", "a->c", "b->d", "c->d"])).len(), 0);
    }

    #[test]
    fn every_circle_is_found() {
        assert_eq!(files(&circles(&imports(&["a->b", "b->a", "x->a"]))), [["a", "b"]]);
        let two = circles(&imports(&["a->b", "b->c", "c->a", "c->x", "x->y", "y->x"]));
        assert_eq!(files(&two), [vec!["a", "b", "c"], vec!["x", "y"]]);
    }
}
