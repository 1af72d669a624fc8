"""What columns are called, in English and Chinese, and what they then are."""

import re
from typing import NamedTuple


class Meaning(NamedTuple):
    to: str
    """identifier, trait, event_name or event_time."""
    name: str
    """Type of the identifier, name of the trait."""
    kind: str = "text"
    """Of a trait."""


_IDENTIFIERS = {
    "phone": "phone mobile tel telephone cell cellphone phone_number mobile_number mobile_phone 手机 手机号 手机号码 电话 电话号码 联系电话 移动电话",
    "email": "email mail e_mail email_address 邮箱 电子邮箱 邮件 电子邮件 邮箱地址",
    "member_id": "member_id member_no member_number membership_no card_no 会员号 会员id 会员编号 会员卡号 会员卡",
    "user_id": "user_id userid uid customer_id 用户id 用户编号 用户号 客户id 客户编号",
    "crm_id": "crm_id crm客户id crm编号",
    "wechat_openid": "openid open_id wechat_openid 微信openid",
    "wechat_unionid": "unionid union_id wechat_unionid 微信unionid",
    "wecom_external_userid": "external_userid external_user_id 外部联系人id 企业微信外部联系人id",
    "device_id": "device_id deviceid imei idfa oaid 设备id 设备号",
    "anonymous_id": "anonymous_id anonymousid 匿名id",
}  # fmt: skip
_TRAITS = {
    ("name", "text"): "name full_name fullname 姓名 名字 客户姓名 会员姓名",
    ("nickname", "text"): "nickname nick 昵称 微信昵称",
    ("birthday", "date"): "birthday birth_date birthdate date_of_birth dob 生日 出生日期 出生年月日",
    ("gender", "text"): "gender sex 性别",
    ("age", "number"): "age 年龄",
    ("province", "text"): "province state 省 省份 所在省份",
    ("city", "text"): "city 城市 市 所在城市",
    ("address", "text"): "address street 地址 住址 详细地址 收货地址",
    ("level", "text"): "level tier grade 等级 会员等级 会员级别",
    ("points", "number"): "points 积分 会员积分",
    ("balance", "number"): "balance 余额 储值余额",
    ("registered_at", "time"): "registered_at created_at signup_date join_date 注册时间 注册日期 入会时间 入会日期 开卡时间",
    ("store", "text"): "store shop 门店 店铺 所属门店",
    ("tags", "text"): "tags 标签",
    ("remark", "text"): "remark note notes 备注",
}  # fmt: skip
_EVENTS = {
    "event_name": "event event_name 事件 事件名 事件名称",
    "event_time": "event_time timestamp occurred_at 时间 发生时间 事件时间",
}
_MEANINGS: dict[str, Meaning] = {
    **{word: Meaning("identifier", kind) for kind, words in _IDENTIFIERS.items() for word in words.split()},
    **{
        word: Meaning("trait", name, kind)
        for (name, kind), words in _TRAITS.items()
        for word in words.split()
    },
    **{word: Meaning(to, "") for to, words in _EVENTS.items() for word in words.split()},
}
_LONGEST = 60
"""Characters of a name that may say something."""
_ASIDE = re.compile(r"[((【\[].*?[))】\]]")
_BETWEEN = re.compile(r"[\s\-./_*::]+")


def known_word(header: str) -> Meaning | None:
    """What a column of that name is; None when the name says nothing."""
    if len(header) > _LONGEST:
        return None
    plain = _BETWEEN.sub("_", _ASIDE.sub("", header).strip().lower()).strip("_")
    return _MEANINGS.get(plain) or _MEANINGS.get(plain.replace("_", ""))
