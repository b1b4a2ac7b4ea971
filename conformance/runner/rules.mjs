// What holds for every line that a helper writes, whatever a transcript says: it is what the schema says, notifications are
// counted without a gap, and each request is answered once and no more.

/** @param {(name: string) => import('./valid.mjs').Check} schema */
export function createRules(schema) {
  const isLine = schema('FromHelper');
  /** What was asked and not answered, by id. */
  const asked = new Map();
  let seq = 0;
  let isReady = false;

  const answered = (message) => {
    const { id } = message;
    if (id === null && message.error) return;
    const requests = asked.get(id) ?? [];
    const request = requests.shift();
    if (request === undefined)
      throw new Error(`an answer to ${JSON.stringify(id)}, which nothing asks`);
    if (requests.length === 0) asked.delete(id);
    if (!('result' in message)) return;
    const { method } = request;
    const flaw = schema(`${method}.result`)(message.result);
    if (flaw !== undefined)
      throw new Error(`the result of ${method} is not what the schema says: ${flaw}`);
  };
  const told = ({ method, params }) => {
    const isFirst = method === 'helper.ready';
    if (isFirst === isReady) {
      throw new Error(isFirst ? 'helper.ready comes twice' : `${method} comes before helper.ready`);
    }
    isReady = true;
    if (isFirst) return;
    seq += 1;
    if (params.seq !== seq) throw new Error(`seq is ${params.seq} after ${seq - 1}`);
  };

  return {
    /** What is sent: to know which answers belong to it. */
    asks(line) {
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        return;
      }
      // An answer is none, and what has no id that can be one is answered with null.
      const { id, method, result, error } = message ?? {};
      const isAnswer = method === undefined && (result !== undefined || error !== undefined);
      const isId = typeof id === 'string' ? id.length <= 256 : Number.isFinite(id);
      if (isAnswer || !isId || Array.isArray(message)) return;
      asked.set(id, [...(asked.get(id) ?? []), { method: message.method }]);
    },
    /** The message in a line that came; throws when it breaks a rule. */
    read(line) {
      const message = JSON.parse(line);
      const flaw = isLine(message);
      if (flaw !== undefined) throw new Error(`it is not what the schema says: ${flaw}`);
      if ('method' in message) told(message);
      else answered(message);
      return message;
    },
    get unanswered() {
      return [...asked.keys()];
    },
  };
}
