/** `ERROR nova.compute.manager: Instance failed to spawn` */
export function shownText(level: string, logger: string, template: string): string {
  const head = [level, logger].filter((part) => part !== '').join(' ');
  return head === '' ? template : `${head}: ${template}`;
}
