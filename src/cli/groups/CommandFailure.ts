/** What the command cannot do, said as it stands: without the name of a class in front. */
export class CommandFailure extends Error {}
