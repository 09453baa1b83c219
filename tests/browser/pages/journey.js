"use strict";
// What a UCWA client does, from discovery to an update that comes too late. `send` performs one
// request, given in the names of Cross_domainIFRAME.md; each page here brings its own.

const SERVER = new URLSearchParams(location.search).get("server");
const FORM = "application/x-www-form-urlencoded;charset='utf-8'";

async function journey(send, username, password) {
  const statuses = {};

  async function step(name, request) {
    const answer = await send({ accepts: "application/json", ...request });
    statuses[name] = answer.status;
    return answer;
  }

  const root = (await step("root", { type: "get", url: `${SERVER}/` })).json;
  const user = root._links.user.href;
  const challenge = await step("challenge", { type: "get", url: user });
  const [, tokens] = /^MsRtcOAuth href="([^"]+)"/.exec(challenge.header("WWW-Authenticate"));
  const token = await step("token", {
    type: "post",
    url: tokens,
    contentType: FORM,
    data: new URLSearchParams({ grant_type: "password", username, password }).toString(),
  });
  const headers = { Authorization: `Bearer ${token.json.access_token}` };
  const signedIn = await step("user", { type: "get", url: user, headers });

  const applications = signedIn.json._links.applications.href;
  const here = (href) => new URL(href, applications).href;
  const asked = { headers, contentType: "application/json" };
  const application = await step("application", {
    ...asked,
    type: "post",
    url: applications,
    data: JSON.stringify({
      userAgent: "test",
      endpointId: crypto.randomUUID(),
      culture: "en-US",
    }),
  });
  await shown(`${here(application.json._links.self.href)}/photos/${username}`);

  const following = step("events", {
    type: "get",
    url: `${here(application.json._links.events.href)}&extended=true`,
    headers,
  });
  const meetings = application.json._embedded.onlineMeetings._links.myOnlineMeetings.href;
  const meeting = await step("schedule", {
    ...asked,
    type: "post",
    url: here(meetings),
    data: JSON.stringify({ subject: "Budget" }),
  });
  const update = {
    ...asked,
    type: "put",
    url: here(meeting.json._links.self.href),
    headers: { ...headers, "If-Match": meeting.header("ETag") },
    data: JSON.stringify({ ...meeting.json, subject: "Budget 2027" }),
  };
  const updated = await step("update", update);
  await step("stale update", update);
  const [sender] = (await following).json.sender;
  return {
    statuses,
    application: Number(application.json.id),
    subject: updated.json.subject,
    event: sender.events[0].type,
  };
}

// Waits until an image has come, or not.
function shown(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = image.onerror = resolve;
    image.src = url;
  });
}
