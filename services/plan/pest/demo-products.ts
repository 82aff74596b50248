/**
 * Fictitious products for the demonstration. No such product is sold, and no figure here is that of a real
 * label; Tilth ships none of those.
 */
export const demoProducts = `country,registration,name,kind,ingredients,authorised_until,rei_h,rain_fast_h,bee_hazard,wind_max_mps,crop,target,dose_min,dose_max,dose_unit,dilution_min,dilution_max,volume_min_l_10a,volume_max_l_10a,max_per_season,max_per_ingredient,phi_days,interval_days,buffer_m
JP,DEMO-001,Demo Hamaki flowable (fictitious),insecticide,demoantraniliprole:IRAC 28,2028-03-31,12,2,no,3,apple,codling-moth,60,120,mL/10a,2500,5000,300,400,2,demoantraniliprole:2,7,14,0
JP,DEMO-002,Demo Meiga granules (fictitious),insecticide,demothrin:IRAC 3A,2028-03-31,24,4,yes,3,apple,codling-moth,100,200,mL/10a,1500,2000,300,400,3,demothrin:3,14,10,20
JP,DEMO-003,Demo Imochi wettable (fictitious),fungicide,democonazole:FRAC 3,2028-03-31,12,3,no,3,rice,rice-leaf-blast,60,150,g/10a,1000,1000,60,150,2,democonazole:2,21,10,0
JP,DEMO-004,Demo Eki emulsion (fictitious),fungicide,demothalonil:FRAC M05,2028-03-31,24,6,no,3,potato,late-blight-hutton,100,200,mL/10a,1000,1000,100,200,4,demothalonil:4,7,7,10
JP,DEMO-005,Demo Eki emulsion (fictitious) T,fungicide,demothalonil:FRAC M05,2028-03-31,24,6,no,3,tomato,late-blight,100,300,mL/10a,1000,1000,100,300,3,demothalonil:3,1,7,10
`
