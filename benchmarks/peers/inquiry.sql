-- Inquiries and those that paid, per agent and inquiry day: one join of buyer-days to orders,
-- ASOF joins for the sellers.
with lines as (
    select buyer, sent_at, sent_at::date as day, sender, nullif(agent, '') as agent
    from read_parquet('{messages}')
),
asked as (
    select buyer, day, min(sent_at) as asked_at from lines where sender = 'buyer' group by buyer, day
),
bought as (
    select order_id, buyer, created_at, paid_at from read_parquet('{orders}')
    where buyer is not null and not contains(buyer, '*')
),
facts as materialized (
    select buyer, day, asked_at,
        coalesce(max(paid_at) filter (paid_at < asked_at) >= asked_at - interval 21 days, false) as paid_before,
        coalesce(bool_or(created_at >= asked_at and created_at::date <= day + 3), false) as has_new,
        arg_min(order_id, (paid_at, order_id)) filter (paid_at >= asked_at and paid_at::date <= day + 3) as any_paid,
        arg_min(order_id, (paid_at, order_id)) filter (
            paid_at >= asked_at and paid_at::date <= day + 3
            and created_at >= asked_at and created_at::date <= day + 3) as new_paid
    from asked left join bought using (buyer)
    group by buyer, day, asked_at
),
inquiries as materialized (
    select buyer, day, case when paid_before then new_paid else any_paid end as order_id
    from facts where (not paid_before or has_new) and not contains(buyer, '*')
),
addressed as (
    select buyer, day, sender,
        case when sender = 'buyer' and agent is null
            then coalesce(last_value(agent ignore nulls) over before, first_value(agent ignore nulls) over after)
            else agent end as agent
    from (select *, case sender when 'buyer' then 0 when 'robot' then 1 when 'system' then 2 else 3 end as who from lines)
    window before as (partition by buyer, day order by sent_at, who rows between unbounded preceding and current row),
        after as (partition by buyer, day order by sent_at, who rows between current row and unbounded following)
),
wrote as (
    select distinct buyer, day, agent from addressed where sender = 'buyer' and agent is not null
),
asked_of as (
    select day, agent, count(*) as denominator
    from inquiries join wrote using (buyer, day) group by day, agent
),
counting as (
    select distinct order_id, buyer, created_at, paid_at
    from bought where order_id in (select order_id from inquiries where order_id is not null)
),
human as materialized (
    select buyer, sent_at, max(agent) as agent from lines
    where sender = 'agent' and buyer in (select buyer from counting) group by buyer, sent_at
),
sellers as (
    select order_id, coalesce(
        case when ordering.sent_at >= date_trunc('day', created_at) - interval 3 days then ordering.agent end,
        case when paying.sent_at >= date_trunc('day', paid_at) - interval 3 days then paying.agent end
    ) as agent
    from counting
    asof left join human as ordering on counting.buyer = ordering.buyer and counting.created_at >= ordering.sent_at
    asof left join human as paying on counting.buyer = paying.buyer and counting.paid_at >= paying.sent_at
),
sold as (
    select day, agent, count(*) as numerator
    from (
        select buyer, day, agent from inquiries join sellers using (order_id) where agent is not null
    ) semi join wrote using (buyer, day, agent)
    group by day, agent
)
select day, agent, coalesce(numerator, 0) as numerator, coalesce(denominator, 0) as denominator
from asked_of full join sold using (day, agent)
