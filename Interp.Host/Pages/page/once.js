/** What is made of something once, and kept as long as that is. */
const Once = (() => {
  const known = new WeakMap();

  /**
   * What `make` makes of an object under a name, made when it is first asked for.
   * @param {object} object
   * @param {*} name what else it depends on, and what it is: all files share the names of an object
   */
  const of = (object, name, make) => {
    if (!known.has(object)) known.set(object, new Map());
    const made = known.get(object);
    if (!made.has(name)) made.set(name, make());
    return made.get(name);
  };

  return { of };
})();
