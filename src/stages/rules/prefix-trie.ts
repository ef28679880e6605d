import { standsAt } from '../../record/text-at.js';

interface Node<T> {
  /** Text between the parent and this node. */
  edge: string;
  values: T[];
  /** By the first character of their edges. */
  readonly children: Map<number, Node<T>>;
}

/**
 * Values by the text that something must start with. A look-up costs as many steps as the text shares characters with what was inserted,
 * however many values there are (a radix tree).
 */
export class PrefixTrie<T> {
  readonly #root: Node<T> = { edge: '', values: [], children: new Map() };

  insert(prefix: string, value: T): void {
    let node = this.#root;
    let at = 0;
    while (at < prefix.length) {
      const child = node.children.get(prefix.charCodeAt(at));
      if (child === undefined) {
        const leaf: Node<T> = { edge: prefix.slice(at), values: [], children: new Map() };
        node.children.set(prefix.charCodeAt(at), leaf);
        node = leaf;
        break;
      }
      const shared = sharedLength(child.edge, prefix, at);
      node = shared === child.edge.length ? child : split(node, child, shared);
      at += shared;
    }
    node.values.push(value);
  }

  /** Calls `visit` with the values of every inserted prefix that the text starts with, and its length; shortest prefix first. */
  visit(text: string, visit: (values: readonly T[], length: number) => void): void {
    let node = this.#root;
    let at = 0;
    for (;;) {
      if (node.values.length > 0) visit(node.values, at);
      const child = node.children.get(text.charCodeAt(at));
      if (child === undefined || !standsAt(text, child.edge, at)) return;
      node = child;
      at += child.edge.length;
    }
  }
}

function sharedLength(edge: string, prefix: string, from: number): number {
  let length = 0;
  while (length < edge.length && from + length < prefix.length && edge.charCodeAt(length) === prefix.charCodeAt(from + length)) length++;
  return length;
}

/** Puts a node between parent and child that takes over the first characters of the child's edge. */
function split<T>(parent: Node<T>, child: Node<T>, length: number): Node<T> {
  const middle: Node<T> = { edge: child.edge.slice(0, length), values: [], children: new Map([[child.edge.charCodeAt(length), child]]) };
  parent.children.set(child.edge.charCodeAt(0), middle);
  child.edge = child.edge.slice(length);
  return middle;
}
