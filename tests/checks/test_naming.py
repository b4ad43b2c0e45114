from __future__ import annotations

from suite.checks.naming import says_identifier, says_measure

IDENTIFIERS = """
__index_level_0__ | ...1
id | ID | Id | customer_id | customerId | CustomerID | passengerid | instance_id | id_number | index | Index
uuid | record_key | order_no | OrderNo | invoice-nr | ticket_number | serial_number | row | rows | row_number
rownames | RowNumber | record | rn | case.id | user.guid | Unnamed: 0 | column 1 | row names | S.No
Customer ID | Serial No | _id | patient_id | PatientID | patientId | mrn | MRN | medical_record_number
encounter_id | hospital_number | nhs_number | npi | admission_id | hadm_id | subject_id | icustay_id
specimen_no | sample_id | sampleid | SEQN | respondent_id | RespondentID | Respondent | resp_id | caseid
CASEID | hhid | participant | participant_no | Participant Number | survey_id | response_id | ResponseId
submission_id | account_id | account_number | AccountNo | acct_no | card_number | iban | transaction_id
TransactionID | trans_num | loan_id | Loan_ID | application_id | SK_ID_CURR | policy_number | Policy Number
claim_number | claim_id | invoice_no | InvoiceNo | invoice_number | CustomerId | customer ID | CLIENTNUM
client_id | cust_id | custId | customer_key | customer_code | order_id | Order ID | orderNumber | order_ref
booking_reference | Booking_ID | reservation_id | tracking_number | sku | product_id | ProductID | product_code
item_id | upc | ean | asin | isbn | listing_id | host_id | property_id | parcel_number | parcel_id
permit_number | lot_no | MLS Number | house_no | employee_id | EmployeeID | EmployeeNumber | Employee Number
emp_no | empid | staff_id | badge_number | ssn | SSN | passport_no | applicant_id | candidate_id | job_id
player_id | playerID | athlete_id | match_id | game_id | gameId | team_id | event_id | session_id | sessionID
user_id | userId | USERID | user_key | device_id | deviceID | sensor_id | node_id | machine_id | Serial No.
SerialNo | imei | mac_id | message_id | packet_id | flow_id | station_id | trip_id | ride_id | vehicle_id
phone_number | Phone | idx | row_index | original_index | row_id | rowid | record_id | Record Number | instant
Unnamed: 0.1 | level_0 | S No | Sr. No. | sno | # | No | No. | N° | Nr | lfd_nr | Kundennummer | Kunden-Nr.
id_cliente | ID Cliente | customer_id_x | id1 | guid | object_id | OBJECTID | objectid | pk | pid | tweet_id
post_id | article_id | image_id | file_id | song_id | track_id | trackid | movie_id | show_id | student_id
StudentID | student_no | school_id | roll_no | Roll Number | enrollment_number | ticket_no | passenger_id
PassengerId | flight_number | observation | obs | seq | sequence | case_number | Case Number | case_no
report_number | incident_id | crash_id | docket_number | license_number | registration_number | batch_id
run_id | experiment_id | document_key | surrogate_key | Patient No | Hospital No. | UHID | chart_number
Chart No | visit_id | study_id | StudyID | Study ID | case_id | CaseID | record_no | RECORD_ID | eid | dicom_id
barcode | bcr_patient_barcode | lab_no | Lab Number | accession_number | AccountID | accountid | Acct Number
contract_id | ContractNumber | deal_id | CustomerNumber | customernumber | cust_no | cust num | clientid
client_no | application_number | policy_id | PolicyNo | Ticket ID | PropertyID | Prop_ID | listingid
ListingNumber | APN number | parcelid | PID | EmpID | EmpNo | Emp No | Employee_Code | employee code | worker_id
applicant_no | personal_no | pers_nr | Personalnummer | Mitarbeiter-Nr | Matrikelnummer | matricola_no
player_no | PlayerKey | bib_number | BibNo | gameid | GAME_ID | matchid | match_no | deviceid | DeviceId
sensorid | meter_number | Meter No | asset_id | asset_no | unit_id | UnitNo | logid | log_id | packet_no
frame_id | row.names | X.id | survey_no | form_id | form_no | Interview Number | interview_no | household_id
HouseholdID | HHID | psu_id | questionnaire_no | Response ID | Participant ID | participant_number | ID# | Id.
Index no | index no | Roll No. | Reg No | reg_no | registration no | StudentNo | studentNumber | lead_id
Prospect ID | Lead Number | campaign_id | ad_id | clickid | click_id | msg_id | email_id | thread_id | commentid
comment_id | url_id | recipe_id | wine_id | animal_id | plant_id | plot_id | tree_id | specimen_number
sample_no | sample_number | Sample code number | batch no | lot number | part_number | PartNo | material_number
vin_number | chassis_no | engine_no | car_id | vehicle_no | flight_no | voyage_no | truck_id | shipment_id
AWB No | consignment_no | container_no | PO Number | po_number | so_number | grn_no | cheque_no | check_number
receipt_no | receipt_number | bill_no | Bill Number | voucher_no | journal_no | entry_no | line_no | line_number
global_index | orig_index | original index | sample_index | rowindex | row_idx | index_x | customer ref
caseref | case_ref | Incident Number | docket_no | court_case_no | badge_no | FIR No | license_no | driver_id
trip_no | station_no | well_id | well_no | site_no | site_number | station_code | store_id | store_number
Store_Nbr | store_nbr | item_nbr | id_student | id_assessment | idcliente | idCliente | numero | Nummer
client nr | Product ID | PassengerID | Loan ID | row num | rec_no | recno | RecNo | tpep_id | medallion_no
"""
OTHERS = """
humidity | paid | acid | solid | bid | valid | grid | covid | hybrid | rapid | month | year | months
no_of_visits | number_of_rooms | numeric | indexed | keyboard | nocturnal | rowing | recorded | age | price
solidity | width | column_1 | notes | Number of pets | Key signature | bmi | body_mass_index | BMI index
heart_rate | systolic_bp | glucose | cholesterol | thyroid | steroid | opioid | lipid | amyloid | platelets
hemoglobin | num_visits | number_of_procedures | num_medications | time_in_hospital | has_id | icd_code
triage_level | apgar | length_of_stay | los | pain_score | hba1c | income | annual_income | loan_amount
loan_amnt | credit_score | credit_limit | balance | bid_price | ask | amount_paid | unpaid | prepaid
id_verified | id_type | has_valid_id | consumer_price_index | price_index | consumer_confidence_index
cons.conf.idx | emp.var.rate | nr.employed | euribor3m | num_tx | n_tx | total_number | number_of_accounts
Number of Dependents | NumberOfOpenCreditLinesAndLoans | customers | sales | orders | revenue | spend | qty
units_sold | loan | payment_count | claims_count | id_count | unique_id_count | device_ids_count | SalePrice
zip_code | zipcode | postal_code | zip | country_code | currency_code | diagnosis_code | product_type | lat
longitude | grid_x | fixed acidity | citric acid | solids | fluid | humid | plaid | android | avoid | void
asteroid | mid | midpoint | index_fund_return | heat_index | uv_index | air_quality_index | refractive_index
glycemic_index | stress_index | gini_index | vegetation_index | happiness_index | rank | ranking | world_rank
position | finish_position | place | points | goals | assists | minutes_played | jersey_size | lap_number
round_number | week_number | day_number | month_number | trial_number | page_number | iteration_number
episode_number | season_number | atomic_number | mass_number | wave_number | reynolds_number | octane_number
copy_number | shoe_number | followers_number | followers_num | comments_num | bedroom_num | children_num
children_no_more | key_signature | musical_key | keywords | keyword_count | keynote | rooms | bedrooms
sqft_living | lot_size | year_built | yr_renovated | floors | salary | MonthlyIncome | HourlyRate
YearsAtCompany | NumCompaniesWorked | DistanceFromHome | TrainingTimesLastYear | tenure | satisfaction
overtime | education | department | JobLevel | promotion_last_5years | temperature | temp_c | pressure | voltage
vibration | rpm | battery_level | signal_strength | rssi | packet_count | bytes_sent | latency_ms | cpu_usage
flow_duration | timestamp | time | epoch | q1 | q2_answer | likert_3 | Q10_no_opinion | note | november
noise | normal | north | rows_processed | recording_length | serialized | identity | idea | ideal | idle
identified | hidden | video | Oxide | carbon dioxide | inside | candid | splendid | orchid | pyramid | squid
aid | aid_received | financial_aid | first_aid | raid | maid | braid | said | laid | eyelid | lid | invalid
liquid | arid | placid | vivid | morbid | kid | kids | skid | number_of_ids | caseload | casualties
users_online | population | cases | deaths | tests | vaccinated | alcohol | residual sugar | fare | Pclass
SibSp | Parch | V1 | x0 | feature_12 | attr_3 | mean radius | petal length (cm) | area_sqm | elevation
Hillshade_9am | steps | calories | attendance | capacity | Age at diagnosis | tumor_size | node_caps | deg_malig
nodes | irradiat | ejection_fraction | serum_creatinine | num_preg | nbr_visits | number_diagnoses
number_inpatient | num_lab_procedures | num_procedures | days_to_death | bp_index | mass_index | cardiac index
pregnancies | insulin | skin_thickness | HDL | ALT | AST | orthopaedic | hybridization | dyslipid | carotid
mastoid | sigmoid | deltoid | celluloid | rheumatoid | epididymid | hyoid | typhoid | fibroid | haploid
medicaid | Medicaid Days | fluid_intake | acidity | acid_number | antacid | opioid_use | liquidity_index
liquid_assets | bid_ask_spread | bid_size | best_bid | highest_bid | paid_off | total_paid | prepaid_flag
repaid | no_default | no_claims_bonus | no_of_claims | claims_no | num_inq | no_of_dependents | numbanks
number_of_loans | num_credit_lines | duration_months | loan_term | debt_ratio | apr | fico | ltv
house_price_index | stock index | price_idx | volatility_index | vix | trade_no_per_day | nr_of_trades
market_cap | number_of_floors | room_count | bathroom_num | bedroom no | parking_no | walk_index | Walk Score
livability_index | sqft_lot | grade | condition | view | waterfront | overall_qual | garage_cars | bldg_type
engagement_index | performance_index | num_projects | number_project | average_monthly_hours
time_spend_company | work_accident | NumberOfChildren | no_children | job_satisfaction | shirt_number
jersey_number | Shirt No | squad_no | draft_round | draft_pick | overall_rank | seed | seeds | FG% | plus_minus
win_index | games_no | shots_number | kids_no | pitch_number | lap_no | over_no | signal_index | noise_level
air_index | comfort_index | AQI | sensor_value | motor_speed | cycle_number | cycle | op_setting | tool_wear
torque | vibration_idx | likert_no | answer_no | yes_no | yes/no | opinion_no | smoker_no | married_no
agree_index | trust_index | wellbeing_index | HDI index | index_value | Index of Happiness | index change
indexation | number_of_siblings | siblings_no | cigarettes_num | attitude | key_indicators | key_risk
keystroke_count | keyphrase | monkey | turkey | hockey | whiskey | jockey | casino | domino | volcano | piano
techno | albino | inferno | ethno | genre | row_spacing | row_width | row_count | rows_affected | records_count
recorder | seq_length | sequence_length | sequence length | serial_dilution | serial correlation | phone_usage
phone_calls | phone service | PhoneService | mobile_price | barcode_count | sku_count | isbn_count | uid_count
user_count | customer_count | customer_age | customer_rating | patient_age | student_score | employee_count
EmployeeCount | sample_size | sample_weight | obs_count | observation_period | case_count | line_length
member_since | membership_years | client_income | user_rating | instance_count | instances | samples | clients
patients | subjects | employees | students | items | transactions | wave number | wavenumber | mach number
Reynolds Number | prime_number | Abbe number | peak_no | real_number | phase_no | level_no | level_1 | week_no
day_no | month_no | month_idx | hour_idx | year_idx | time_index | time_idx | z_index | h_index | hindex
UV Index | spi_index
"""
MEASURES = """
rank | world_rank | salesRank | amount | Amount (EUR) | income | AnnualIncome | price | total_price | score | count
total | size | age | quantity | qty | salary | spend | value | number_of_calls | NumOfCalls | n_calls | visits
customers | month | day_of_study | order_total | heat_index | lap | position | elevation | area_sqm
"""
SILENT = "account | x | x7 | batch | branch | status | bonus | basis | class | label | zip | code | feature"


def names(text: str) -> list[str]:
    return [name.strip() for line in text.strip().splitlines() for name in line.split("|")]


def test_names_that_say_identifier() -> None:
    assert [name for name in names(IDENTIFIERS) if not says_identifier(name)] == []


def test_names_that_do_not() -> None:
    assert [name for name in names(OTHERS) if says_identifier(name)] == []


def test_names_that_say_measure() -> None:
    assert [name for name in names(MEASURES) if not says_measure(name)] == []
    assert [name for name in names(SILENT) if says_measure(name)] == []


def test_a_name_without_a_word_says_nothing() -> None:
    assert not any(says(name) for says in (says_identifier, says_measure) for name in ("", "?", "数"))
