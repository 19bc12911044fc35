<?php

namespace Magento\Customer\CustomerData;

interface SectionSourceInterface
{
    public function getSectionData();
}
