/**
 * How a request that is worked on later is answered: with a response, or with what went wrong.
 *
 * A callback runs in somebody else's turn, where an exception would be nobody's: the client would
 * wait for ever. `guarded` takes it back to the request.
 */

export interface Answer<Response> {
  respond(response: Response): void
  fail(error: unknown): void
}

/** `callback`, whose exceptions become the request's failure. */
export const guarded =
  <Argument>(answer: Answer<never>, callback: (argument: Argument) => void) =>
  (argument: Argument): void => {
    try {
      callback(argument)
    } catch (error) {
      answer.fail(error)
    }
  }
