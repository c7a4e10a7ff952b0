// pusher-js under Node. Its build for Node has encrypted channels, as `with-encryption` has.

import Publisher from "pusher";
import Pusher from "pusher-js";

import { answer } from "./lines.mjs";
import { Recorder } from "./recorder.mjs";

// Signs here, by the npm SDK, what an application's server would.
function sign({ key, secret, masterKey, user, member, refuse }) {
  const sdk = new Publisher({ appId: "1", key, secret, encryptionMasterKeyBase64: masterKey });
  // As late as the answer of an endpoint: pusher-js does not expect it before subscribe() returns.
  const soon = (callback, authorize) =>
    setImmediate(() => (refuse ? callback(new Error(refuse), null) : callback(null, authorize())));
  return {
    channelAuthorization: {
      customHandler({ socketId, channelName }, callback) {
        const data = channelName.startsWith("presence-") && member ? member : undefined;
        soon(callback, () => sdk.authorizeChannel(socketId, channelName, data));
      },
    },
    userAuthentication: {
      customHandler({ socketId }, callback) {
        soon(callback, () => sdk.authenticateUser(socketId, user));
      },
    },
  };
}

const recorder = new Recorder(Pusher, sign);

answer({
  create: (...args) => recorder.create(...args),
  do: (...args) => recorder.do(...args),
  clear: () => recorder.clear(),
});
