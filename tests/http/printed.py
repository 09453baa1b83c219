"""The exchange that UpdateAnOnlineMeeting.md prints, with places for what differs by server."""

import re

REQUEST_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "X-Ms-Origin": "http://localhost",
    "X-Requested-With": "XMLHttpRequest",
    "Referer": "https://lyncweb.contoso.com/Autodiscover/XFrame/XFrame.html",
    "Accept-Language": "en-US",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.2; Trident/6.0; .NET4.0E; "
    ".NET4.0C; .NET CLR 3.5.30729; .NET CLR 2.0.50727; .NET CLR 3.0.30729; InfoPath.3)",
    "DNT": "1",
    "Connection": "Keep-Alive",
    "Cache-Control": "no-cache",
}

REQUEST_BODY = """{
"accessLevel":"SameEnterprise",\x20
"entryExitAnnouncement":"Disabled",
"attendees": ["sip:Chris@contoso.com","sip:Alex@contoso.com"],
"automaticLeaderAssignment":"Disabled",
"description":"Weekly meeting",
"expirationTime":"2013-02-07T01:17:18.000Z",
"leaders": [],
"onlineMeetingId":"PYC58WSY",
"onlineMeetingUri":"sip:Dana@contoso.com;gruu;opaque=app:conf:focus:id:PYC58WSY",
"onlineMeetingRel":"myOnlineMeetings",
"organizerUri":"sip:Dana@contoso.com",
"phoneUserAdmission":"Disabled",
"lobbyBypassForPhoneUsers":"Disabled",
"subject":"Important details",
"joinUrl":"https://meet.contoso.com/danab/PYC58WSY",
"56de7bbf-1081-43e6-bbf2-1cabf3224c83":"please pass this in a PUT request",
"_links":{
"self":{"href":"/ucwa/oauth/v1/applications/103985322388/onlineMeetings/myOnlineMeetings/PYC58WSY"},
"onlineMeetingExtensions":{"href":"/ucwa/oauth/v1/applications/103985322388/onlineMeetings/myOnlineMeetings/PYC58WSY/extensions"}
},
"rel":"myOnlineMeeting",
"etag":"3109609770",
"attendanceAnnouncementsStatus":"Disabled"
}
"""

# myOnlineMeeting_ref.md prints it for PUT; the random member is added, as the task page has it.
XML_REQUEST_BODY = """<?xml version="1.0" encoding="utf-8"?>
<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">
  <property name="accessLevel">Invited</property>
  <propertyList name="attendees">
    <item>sip:johndoe@contoso.com</item>
    <item>sip:janedoe@contoso.com</item>
  </propertyList>
  <property name="automaticLeaderAssignment">SameEnterprise</property>
  <property name="description">Last quarter's sales numbers</property>
  <property name="entryExitAnnouncement">Disabled</property>
  <property name="expirationTime">2016-09-26T16:20:29.6409409-07:00</property>
  <propertyList name="leaders">
    <item>sip:aikc@contoso.com</item>
    <item>sip:lenea@contoso.com</item>
  </propertyList>
  <property name="lobbyBypassForPhoneUsers">Disabled</property>
  <property name="phoneUserAdmission">Disabled</property>
  <property name="subject">Quarterly sales numbers</property>
  <property name="56de7bbf-1081-43e6-bbf2-1cabf3224c83">please pass this in a PUT request</property>
</input>
"""

# On one line, as the server writes it; the page breaks the lines.
RESPONSE_BODY = (
    '{"accessLevel":"SameEnterprise","entryExitAnnouncement":"Disabled",'
    '"attendees":["sip:Chris@contoso.com","sip:Alex@contoso.com"],'
    '"automaticLeaderAssignment":"Disabled","description":"Weekly meeting",'
    '"expirationTime":"\\/Date(1360199838000)\\/","leaders":[],"onlineMeetingId":"PYC58WSY",'
    '"onlineMeetingUri":"sip:Dana@contoso.com;gruu;opaque=app:conf:focus:id:PYC58WSY",'
    '"onlineMeetingRel":"myOnlineMeetings","organizerUri":"sip:Dana@contoso.com",'
    '"phoneUserAdmission":"Disabled","lobbyBypassForPhoneUsers":"Disabled",'
    '"subject":"Important details","joinUrl":"https://meet.contoso.com/danab/PYC58WSY",'
    '"56de7bbf-1081-43e6-bbf2-1cabf3224c83":"please pass this in a PUT request",'
    '"_links":{"self":{"href":"/ucwa/oauth/v1/applications/103985322388/onlineMeetings/'
    'myOnlineMeetings/PYC58WSY"},"onlineMeetingExtensions":{"href":"/ucwa/oauth/v1/applications/'
    '103985322388/onlineMeetings/myOnlineMeetings/PYC58WSY/extensions"}},'
    '"rel":"myOnlineMeeting","etag":"346579618"}'
)

_ADDED = re.compile(
    r',"onlineMeeting(?:Attendance|Merge|Schedule|Shares|Versions)":\{"href":"[^"]*"\}'
)


def but_for_additions(text: str) -> str:
    """An answer without the links that docs/extensions.md adds to a meeting."""
    return _ADDED.sub("", text)


def here(text: str, *, application: str, meeting: str, etag: str) -> str:
    """A printed text with this server's application, meeting and ETag put in."""
    return (
        text.replace("103985322388", application)
        .replace("PYC58WSY", meeting)
        .replace("3109609770", etag)
        .replace("346579618", etag)
    )
